#pragma once
// Upper and lower case without a locale: one code point for one, as PostgreSQL's lower() and upper() under
// C.UTF-8. ASCII, Latin-1, Latin Extended-A, Greek and Cyrillic; every other letter stays as it is.

namespace reeve::sql {

char32_t lower_letter(char32_t point);
char32_t upper_letter(char32_t point);

}  // namespace reeve::sql
