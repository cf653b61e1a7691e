# Writes a text file as a C++ header with one string_view.
file(READ ${INPUT} content)
file(WRITE ${OUTPUT} "#pragma once\n#include <string_view>\nnamespace reeve::embedded {\ninline constexpr std::string_view ${NAME} = R\"sql(${content})sql\";\n}\n")
