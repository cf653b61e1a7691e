#include "journal/appender.h"

#include "journal/own_statement.h"

#include "journal/insert_event_sql.h"
#include "journal/insert_group_sql.h"
#include "journal/postgres_insert_events_sql.h"
#include "journal/postgres_insert_events_text_moment_sql.h"
#include "journal/postgres_insert_group_sql.h"
#include "journal/postgres_insert_groups_sql.h"
#include "journal/postgres_update_head_sql.h"

#include <array>

namespace reeve::journal {

namespace {

constexpr OwnStatement insert_event{embedded::insert_event_sql, {}, 0};
constexpr OwnStatement insert_events{{}, embedded::postgres_insert_events_sql, 13};
constexpr OwnStatement insert_events_text_moment{{}, embedded::postgres_insert_events_text_moment_sql, 13};
constexpr OwnStatement insert_group{embedded::insert_group_sql, embedded::postgres_insert_group_sql, 7};
constexpr OwnStatement insert_groups{{}, embedded::postgres_insert_groups_sql, 7};
/// In a SQLite file the last group is the head.
constexpr OwnStatement update_head{{}, embedded::postgres_update_head_sql, 4};

}  // namespace

/// Events column by column, in the order of the statement's parameters.
class Gathered::Rows {
 public:
  void add(const Event& event) {
    sequence_.add(event.sequence);
    id_.add(event.id);
    type_.add(event.type);
    version_.add(event.version);
    time_.add(event.time);
    add_moment(event.moment);
    actor_.add(event.actor);
    add_optional(command_, event.command);
    add_optional(key_, event.key);
    add_optional(request_hash_, event.request_hash);
    span_.add(event.span);
    payload_.add(event.payload);
  }

  bool is_empty() const { return sequence_.size() == 0; }
  /// A moment is an integer or a text, by the blueprint; all of a ledger's are one of the two, or NULL.
  bool has_text_moments() const { return moment_text_.size() == sequence_.size(); }

  void bind(engine::Statement& insert) const {
    const std::array<const engine::Array*, 12> columns{
        &sequence_, &id_,      &type_, &version_,      &time_, has_text_moments() ? &moment_text_ : &moment_,
        &actor_,    &command_, &key_,  &request_hash_, &span_, &payload_};
    for (std::size_t i = 0; i < columns.size(); ++i) {
      columns[i]->bind(insert, static_cast<int>(i) + 1);
    }
  }

  void clear() {
    for (engine::Array* column : {&sequence_, &id_, &type_, &version_, &time_, &moment_, &moment_text_,
                                  &actor_, &command_, &key_, &request_hash_, &span_, &payload_}) {
      column->clear();
    }
  }

 private:
  using Of = engine::Array::Of;

  static void add_optional(engine::Array& column, const std::string& text) {
    text.empty() ? column.add_null() : column.add(text);
  }

  void add_moment(const Value& moment) {
    const ValueView view = ValueView::of(moment);
    const bool is_text = view.kind() == ValueView::Kind::text;
    if (is_text) {
      // What came before it had none.
      while (moment_text_.size() + 1 < sequence_.size()) {
        moment_text_.add_null();
      }
      moment_text_.add(view.text());
    } else if (view.is_null()) {
      moment_.add_null();
      if (moment_text_.size() > 0) {
        moment_text_.add_null();
      }
    } else {
      moment_.add(view.integer());
    }
  }

  engine::Array sequence_{Of::bigint};
  engine::Array id_{Of::uuid};
  engine::Array type_{Of::text};
  engine::Array version_{Of::bigint};
  engine::Array time_{Of::timestamptz};
  engine::Array moment_{Of::bigint};
  engine::Array moment_text_{Of::text};
  engine::Array actor_{Of::text};
  engine::Array command_{Of::text};
  engine::Array key_{Of::text};
  engine::Array request_hash_{Of::text};
  engine::Array span_{Of::bigint};
  engine::Array payload_{Of::text};
};

/// Groups column by column, and the head that the last of them makes.
class Gathered::Groups {
 public:
  void add(std::int64_t first, std::int64_t last, std::string_view chain_hex, std::string_view state_hex,
           std::string_view chain, std::string_view changesets) {
    last_.add(last);
    first_.add(first);
    chain_hash_.add(chain_hex);
    state_hash_.add(state_hex);
    chain_.add(chain);
    changesets_.add(changesets);
    head_ = last;
    head_chain_hash_ = chain_hex;
    head_state_hash_ = state_hex;
  }

  bool is_empty() const { return last_.size() == 0; }

  void bind(engine::Statement& insert, engine::Statement& head_update) const {
    const std::array<const engine::Array*, 6> columns{&last_,       &first_, &chain_hash_,
                                                      &state_hash_, &chain_, &changesets_};
    for (std::size_t i = 0; i < columns.size(); ++i) {
      columns[i]->bind(insert, static_cast<int>(i) + 1);
    }
    head_update.bind_integer(1, head_);
    head_update.bind_text(2, head_chain_hash_);
    head_update.bind_text(3, head_state_hash_);
  }

  void clear() {
    for (engine::Array* column : {&last_, &first_, &chain_hash_, &state_hash_, &chain_, &changesets_}) {
      column->clear();
    }
  }

 private:
  using Of = engine::Array::Of;

  engine::Array last_{Of::bigint};
  engine::Array first_{Of::bigint};
  engine::Array chain_hash_{Of::text};
  engine::Array state_hash_{Of::text};
  engine::Array chain_{Of::bytea};
  engine::Array changesets_{Of::bytea};
  std::int64_t head_ = 0;
  std::string head_chain_hash_;
  std::string head_state_hash_;
};

Gathered::Gathered() : rows_(std::make_unique<Rows>()), groups_(std::make_unique<Groups>()) {}

Gathered::~Gathered() = default;

Appender::Appender(engine::Connection& connection)
    : is_file_(connection.engine() == engine::Engine::sqlite),
      insert_group_(prepare(connection, insert_group)) {
  if (is_file_) {
    insert_event_ = prepare(connection, insert_event);
  } else {
    insert_events_ = prepare(connection, insert_events);
    insert_events_text_moment_ = prepare(connection, insert_events_text_moment);
    insert_groups_ = prepare(connection, insert_groups);
    update_head_ = prepare(connection, update_head);
  }
}

Appender::~Appender() = default;

void Appender::append(const Event& event) {
  if (!is_file_) {
    return gathered_.rows_->add(event);
  }
  engine::Statement& row = insert_event_;
  const auto bind_optional = [&row](int parameter, const std::string& text) {
    text.empty() ? row.bind_null(parameter) : row.bind_text(parameter, text);
  };
  row.bind_integer(1, event.sequence);
  row.bind_text(2, event.id);
  row.bind_text(3, event.type);
  row.bind_integer(4, event.version);
  row.bind_text(5, event.time);
  row.bind(6, ValueView::of(event.moment));
  row.bind_text(7, event.actor);
  bind_optional(8, event.command);
  bind_optional(9, event.key);
  bind_optional(10, event.request_hash);
  row.bind_integer(11, event.span);
  row.bind_text(12, event.payload);
  row.run();
}

void Appender::gather() { gathers_groups_ = !is_file_; }

void Appender::take(Gathered& to) {
  std::swap(gathered_.rows_, to.rows_);
  std::swap(gathered_.groups_, to.groups_);
}

void Appender::insert(Gathered& gathered) {
  post(*gathered.rows_);
  post(*gathered.groups_);
}

void Appender::post(Gathered::Rows& rows) {
  if (rows.is_empty()) {
    return;
  }
  engine::Statement& insert = rows.has_text_moments() ? insert_events_text_moment_ : insert_events_;
  rows.bind(insert);
  insert.post();
  rows.clear();
}

void Appender::post(Gathered::Groups& groups) {
  if (groups.is_empty()) {
    return;
  }
  groups.bind(insert_groups_, update_head_);
  insert_groups_.post();
  update_head_.post();
  groups.clear();
}

void Appender::flush() { insert(gathered_); }

void Appender::drop() {
  gathered_.rows_->clear();
  gathered_.groups_->clear();
}

void Appender::seal(std::int64_t first, std::int64_t last, const Digest& chain_hash, const Digest& state_hash,
                    std::string_view chain, std::string_view changesets) {
  const std::string chain_hex = to_hex(chain_hash);
  const std::string state_hex = to_hex(state_hash);
  if (gathers_groups_) {
    return gathered_.groups_->add(first, last, chain_hex, state_hex, chain, changesets);
  }
  flush();
  insert_group_.bind_integer(1, last);
  insert_group_.bind_integer(2, first);
  insert_group_.bind_text(3, chain_hex);
  insert_group_.bind_text(4, state_hex);
  insert_group_.bind_bytes(5, chain.data(), chain.size());
  insert_group_.bind_bytes(6, changesets.data(), changesets.size());
  insert_group_.post();
  if (update_head_) {
    update_head_.bind_integer(1, last);
    update_head_.bind_text(2, chain_hex);
    update_head_.bind_text(3, state_hex);
    update_head_.post();
  }
}

}  // namespace reeve::journal
