// Input: a proof, `%%`, a signed note, `%%`, a public or a secret key.
//   No proof holds but of what is in the journal of this target, and under its key's signature.
//   No note is opened but those whose text this target's key has signed.
//   A key and a checkpoint that are read are written as they were.

#include "base/base64.h"
#include "fuzz/support.h"
#include "fuzz/targets.h"
#include "journal/merkle.h"
#include "journal/proof.h"

#include <algorithm>

namespace reeve::fuzz {
namespace {

constexpr std::int64_t events = 7;
constexpr std::int64_t earlier = 3;

/// A journal of a few events, with signed checkpoints of two of its sizes; the same every time.
struct Journal {
  std::vector<journal::Event> entries;
  std::vector<Digest> chain;
  std::vector<Digest> leaves;
  journal::Signer signer{"reeve/fuzz", Digest{1, 2, 3}};
  std::string note;
  std::string earlier_note;

  Journal() {
    std::string scratch;
    Digest previous = journal::chain_start;
    for (std::int64_t sequence = 1; sequence <= events; ++sequence) {
      journal::Event event;
      event.sequence = sequence;
      event.id = "id";
      event.type = "noted";
      event.time = "2026-01-02T03:04:05.000006Z";
      event.actor = "ada";
      if (sequence % 2 == 0) event.moment = sequence;
      event.payload = "{\"n\":" + std::to_string(sequence) + "}";
      previous = journal::chain_hash(previous, event, changeset(), scratch);
      entries.push_back(event);
      chain.push_back(previous);
      leaves.push_back(journal::leaf_hash({reinterpret_cast<const char*>(previous.data()), previous.size()}));
    }
    note = signer.sign(checkpoint(events).text());
    earlier_note = signer.sign(checkpoint(earlier).text());
  }

  static std::string changeset() { return "rows"; }
  Digest root(std::int64_t size) const {
    journal::GrowingRoot root;
    for (std::int64_t i = 0; i < size; ++i) root.append(leaves[static_cast<std::size_t>(i)]);
    return root.root();
  }
  journal::SignedCheckpoint checkpoint(std::int64_t size) const {
    return {"reeve/fuzz", size, root(size), chain[static_cast<std::size_t>(size - 1)], Digest{9}};
  }
};

journal::InclusionProof inclusion_of(const Journal& known, std::int64_t sequence) {
  journal::MerkleTree tree([&](std::int64_t first, std::span<Digest> hashes) {
    std::copy_n(known.leaves.begin() + first, hashes.size(), hashes.begin());
  });
  tree.grow(events);
  const auto place = static_cast<std::size_t>(sequence - 1);
  return {known.entries[place],
          Journal::changeset(),
          place == 0 ? journal::chain_start : known.chain[place - 1],
          events,
          known.root(events),
          tree.inclusion_path(sequence - 1, events),
          known.note};
}

journal::ConsistencyProof consistency(const Journal& known) {
  journal::MerkleTree tree([&](std::int64_t first, std::span<Digest> hashes) {
    std::copy_n(known.leaves.begin() + first, hashes.size(), hashes.begin());
  });
  tree.grow(events);
  return {earlier,
          known.root(earlier),
          events,
          known.root(events),
          tree.consistency_path(earlier, events),
          known.earlier_note,
          known.note};
}

void check_proof(std::string_view input, const Journal& known) {
  const auto found = unless_refused([&] {
    return journal::check_proof(input, {known.signer.verifier(), std::nullopt});
  });
  if (!found || !found->holds()) return;
  require(found->origin == "reeve/fuzz", "a proof names the journal that was signed", found->origin);
  require(!found->is_signed || found->root == known.root(found->size), "a signed root is the journal's");
  if (found->event) {
    const auto place = static_cast<std::size_t>(found->event->sequence - 1);
    require(place < known.entries.size(), "an event that is proven is in the journal");
    std::string proven;
    std::string stored;
    journal::append_event_bytes(*found->event, proven);
    journal::append_event_bytes(known.entries[place], stored);
    require(proven == stored, "an event that is proven is in the journal as it was proven", proven);
  }
  if (found->first_size) {
    require(*found->first_size == earlier || *found->first_size == events, "a beginning was signed");
  }
}

void check_note(std::string_view note, const Journal& known) {
  const auto text = unless_refused([&] { return journal::text_of_note(note); });
  const auto opened = unless_refused([&] { return journal::open_note(note, known.signer.verifier()); });
  if (opened) {
    require(text == opened, "the text of a note is the same whoever signed it");
    require(known.note.starts_with(*opened) || known.earlier_note.starts_with(*opened),
            "a note that is opened was signed", *opened);
  }
  if (!text) return;
  const auto checkpoint = unless_refused([&] { return journal::SignedCheckpoint::parse(*text); });
  if (checkpoint) require(text->starts_with(checkpoint->text()), "a checkpoint is written as it was", *text);
  // Whatever the text, but for an empty line at its end: signed by us it is opened by our key.
  if (text->ends_with("\n\n") || note.size() > 500'000) return;
  const std::string signed_again = known.signer.sign(*text);
  require(journal::open_note(signed_again, known.signer.verifier()) == *text, "what is signed is opened");
}

void check_keys(std::string_view text) {
  const auto line = text.substr(0, text.find_first_of("\r\n"));
  if (const auto verifier = unless_refused([&] { return journal::Verifier::parse(text); }))
    require(verifier->text() == line, "a public key is written as it was", line);
  if (const auto signer = unless_refused([&] { return journal::Signer::parse(text); }))
    require(signer->text() == line, "a secret key is written as it was");
}

}  // namespace

std::vector<std::string> proof_seeds() {
  const Journal known;
  const std::string between = "\n%%\n";
  return {inclusion_of(known, 1).to_json() + between + known.note + between + known.signer.verifier().text(),
          inclusion_of(known, 6).to_json() + between + known.earlier_note + between + known.signer.text(),
          consistency(known).to_json()};
}

void proof(std::string_view input) {
  static const Journal known;
  const auto parts = parts_of(input, 3);
  check_proof(parts[0], known);
  check_note(parts[1], known);
  check_keys(parts[2]);
}

}  // namespace reeve::fuzz
