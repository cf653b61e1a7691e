#include "journal/proof.h"

#include "base/base64.h"
#include "base/json.h"
#include "journal/merkle.h"

#include <reeve/error.h>

#include <fmt/format.h>

#include <charconv>

namespace reeve::journal {

namespace {

constexpr std::int64_t proof_version = 1;
constexpr json::Limits proof_limits{.bytes_max = 256 * 1024 * 1024};
constexpr std::string_view kind_inclusion = "inclusion";
constexpr std::string_view kind_consistency = "consistency";

class Text {
 public:
  Text& raw(std::string_view name, std::string_view json) {
    out_ += out_.back() == '{' ? "" : ",";
    json::append_canonical_string(name, out_);
    out_ += ':';
    out_ += json;
    return *this;
  }
  Text& text(std::string_view name, std::string_view value) {
    std::string json;
    json::append_canonical_string(value, json);
    return raw(name, json);
  }
  Text& optional(std::string_view name, std::string_view value) {
    return value.empty() ? *this : text(name, value);
  }
  Text& number(std::string_view name, std::int64_t value) { return raw(name, fmt::format("{}", value)); }
  Text& path(const std::vector<Digest>& path) {
    std::string list;
    for (const Digest& node : path) list += fmt::format("{}\"{}\"", list.empty() ? "" : ",", to_hex(node));
    return raw("path", "[" + list + "]");
  }
  std::string close() { return out_ + "}"; }

 private:
  std::string out_ = "{";
};

std::string event_json(const Event& event) {
  Text text;
  text.number("sequence", event.sequence).text("id", event.id).text("type", event.type);
  text.number("version", event.version).text("time", event.time);
  if (const auto* integer = std::get_if<std::int64_t>(&event.moment)) {
    text.text("moment_integer", fmt::format("{}", *integer));
  } else if (const auto* moment = std::get_if<std::string>(&event.moment)) {
    text.text("moment_text", *moment);
  }
  text.text("actor", event.actor).optional("command", event.command).optional("key", event.key);
  text.optional("request_hash", event.request_hash).number("span", event.span);
  return text.text("payload", event.payload).close();
}

/// Reads members strictly: what is not of its form is no proof.
class Members {
 public:
  explicit Members(simdjson::dom::element tree) : tree_(tree) {}

  [[noreturn]] static void refuse(std::string_view what) {
    throw Error(ErrorCode::invalid_input, fmt::format("this is no proof: {}", what),
                "give the file that `reeve prove` wrote");
  }
  bool has(const char* name) const { return tree_[name].error() == simdjson::SUCCESS; }
  std::string text(const char* name) const {
    std::string_view text;
    if (tree_[name].get(text) != simdjson::SUCCESS) refuse(fmt::format("it has no text {}", name));
    return std::string(text);
  }
  std::string optional(const char* name) const { return has(name) ? text(name) : std::string(); }
  std::int64_t number(const char* name) const {
    std::int64_t number = 0;
    if (tree_[name].get(number) != simdjson::SUCCESS || number < 0)
      refuse(fmt::format("it has no number {}", name));
    return number;
  }
  Digest digest(const char* name) const {
    const auto digest = digest_from_hex(text(name));
    if (!digest) refuse(fmt::format("{} is no hash", name));
    return *digest;
  }
  std::vector<Digest> path() const {
    simdjson::dom::array list;
    if (tree_["path"].get(list) != simdjson::SUCCESS) refuse("it has no path");
    std::vector<Digest> path;
    for (const simdjson::dom::element node : list) {
      std::string_view hex;
      const auto digest = node.get(hex) == simdjson::SUCCESS ? digest_from_hex(hex) : std::nullopt;
      if (!digest) refuse("a node of its path is no hash");
      path.push_back(*digest);
    }
    return path;
  }
  Members object(const char* name) const {
    simdjson::dom::element object;
    if (tree_[name].get(object) != simdjson::SUCCESS || !object.is_object())
      refuse(fmt::format("it has no object {}", name));
    return Members(object);
  }

 private:
  simdjson::dom::element tree_;
};

Event read_event(const Members& members) {
  Event event;
  event.sequence = members.number("sequence");
  event.id = members.text("id");
  event.type = members.text("type");
  event.version = members.number("version");
  event.time = members.text("time");
  if (members.has("moment_integer")) {
    const std::string text = members.text("moment_integer");
    std::int64_t moment = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), moment);
    if (error != std::errc() || end != text.data() + text.size()) Members::refuse("its moment is no integer");
    event.moment = moment;
  } else if (members.has("moment_text")) {
    event.moment = members.text("moment_text");
  }
  event.actor = members.text("actor");
  event.command = members.optional("command");
  event.key = members.optional("key");
  event.request_hash = members.optional("request_hash");
  event.span = members.number("span");
  event.payload = members.text("payload");
  return event;
}

/// The checkpoint of a note that the trusted key has signed, of that size and root; else why it is none.
std::optional<SignedCheckpoint> open_checkpoint(std::string_view note, const Verifier& verifier,
                                                std::int64_t size, const Digest& root, std::string& refusal) {
  try {
    const SignedCheckpoint checkpoint = SignedCheckpoint::parse(open_note(note, verifier));
    if (checkpoint.origin != verifier.name) {
      refusal = fmt::format("the checkpoint is of {}, the key of {}", checkpoint.origin, verifier.name);
    } else if (checkpoint.size != size) {
      refusal = fmt::format("the checkpoint is of {} events, the proof of {}", checkpoint.size, size);
    } else if (checkpoint.root != root) {
      refusal = "the checkpoint has another root than the proof";
    } else {
      return checkpoint;
    }
  } catch (const Error& error) {
    if (error.code() != ErrorCode::denied && error.code() != ErrorCode::invalid_input) throw;
    refusal = error.message();
  }
  return std::nullopt;
}

void check_inclusion(const Members& members, const ProofTrust& trust, ProofCheck& found) {
  Event event = read_event(members.object("event"));
  const auto changeset = from_base64(members.text("changeset"));
  if (!changeset) Members::refuse("its changeset is not base64");
  std::string scratch;
  const Digest chain = chain_hash(members.digest("previous_chain_hash"), event, *changeset, scratch);
  const Digest leaf = leaf_hash({reinterpret_cast<const char*>(chain.data()), chain.size()});
  const auto root = root_of_inclusion(leaf, event.sequence - 1, found.size, members.path());
  if (!root || *root != found.root) {
    found.refusal = fmt::format("the path does not lead from event {} to the root", event.sequence);
    return;
  }
  const std::string note = trust.checkpoint ? *trust.checkpoint : members.optional("checkpoint");
  if (const auto checkpoint = open_checkpoint(note, trust.verifier, found.size, found.root, found.refusal)) {
    found.origin = checkpoint->origin;
    found.event = std::move(event);
  }
}

void check_consistency(const Members& members, const ProofTrust& trust, ProofCheck& found) {
  const std::int64_t first_size = members.number("first_size");
  const Digest first_root = members.digest("first_root");
  if (!is_consistent(first_size, first_root, found.size, found.root, members.path())) {
    found.refusal =
        fmt::format("the journal of {} events is not what the one of {} became", found.size, first_size);
    return;
  }
  const std::string note = trust.checkpoint ? *trust.checkpoint : members.optional("first_checkpoint");
  const auto first = open_checkpoint(note, trust.verifier, first_size, first_root, found.refusal);
  if (!first) {
    return;
  }
  found.is_signed = members.has("checkpoint");
  if (found.is_signed &&
      !open_checkpoint(members.text("checkpoint"), trust.verifier, found.size, found.root, found.refusal)) {
    return;
  }
  found.origin = first->origin;
  found.first_size = first_size;
}

}  // namespace

std::string InclusionProof::to_json() const {
  Text text;
  text.number("reeve_proof", proof_version).text("kind", kind_inclusion).number("size", size);
  text.text("root", to_hex(root)).path(path).raw("event", event_json(event));
  text.text("changeset", to_base64(changeset)).text("previous_chain_hash", to_hex(previous_chain_hash));
  return text.optional("checkpoint", checkpoint).close();
}

std::string ConsistencyProof::to_json() const {
  Text text;
  text.number("reeve_proof", proof_version).text("kind", kind_consistency);
  text.number("first_size", first_size).text("first_root", to_hex(first_root));
  text.number("size", size).text("root", to_hex(root)).path(path);
  return text.optional("first_checkpoint", first_checkpoint).optional("checkpoint", checkpoint).close();
}

ProofCheck check_proof(std::string_view json, const ProofTrust& trust) {
  json::Reader reader(proof_limits);
  const simdjson::dom::element tree = reader.read(json);
  if (!tree.is_object()) Members::refuse("it is no JSON object");
  const Members members(tree);
  if (members.number("reeve_proof") != proof_version) {
    Members::refuse(fmt::format("this version reads proofs of version {}", proof_version));
  }
  ProofCheck found;
  found.size = members.number("size");
  found.root = members.digest("root");
  const std::string kind = members.text("kind");
  if (kind == kind_inclusion) {
    check_inclusion(members, trust, found);
  } else if (kind == kind_consistency) {
    check_consistency(members, trust, found);
  } else {
    Members::refuse("it is of no kind that this version knows");
  }
  return found;
}

}  // namespace reeve::journal
