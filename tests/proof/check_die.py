#!/usr/bin/env python3
"""Rolls a die of a proven event again, from docs/proof.md alone: nothing of Reeve's is used.

check_die.py PROOF FIRST PUBLIC_KEY SEED DECIDED NAME SIDES MEMBER: PROOF proves the event whose payload has the die as
MEMBER, FIRST proves event 1, which commits to the seed; DECIDED is the sequence of the first event of its command.
"""
import hashlib, hmac, json, sys
from check_proof import check, need, read


def roll(seed, decided, name, sides):
    limit, counter = (2**64 - 1) // sides * sides, 0
    while True:
        message = b"dice\0" + decided.to_bytes(8, "little") + counter.to_bytes(8, "little") + name.encode()
        number = int.from_bytes(hmac.new(seed, message, "sha256").digest()[:8], "little")
        if number < limit:
            return number % sides + 1
        counter += 1


def commitment(seed):
    domain = b"reeve.seed.1"
    return hashlib.blake2b(len(domain).to_bytes(8, "little") + domain + seed, digest_size=32).hexdigest()


proof, first, public_key, seed, decided, name, sides, member = sys.argv[1:]
proof, first, seed = json.loads(read(proof)), json.loads(read(first)), bytes.fromhex(seed)
check(proof, public_key), check(first, public_key)
created, payload = json.loads(first["event"]["payload"]), json.loads(proof["event"]["payload"])
need(first["event"]["sequence"] == 1 and created["seed_commitment"] == commitment(seed),
     "the first event commits to another seed")
rolled = roll(seed, int(decided), name, int(sides))
need(payload[member] == rolled, f"the event says {payload[member]}, the die {rolled}")
print(f"proven: {name} of {sides} sides rolled {rolled}")
