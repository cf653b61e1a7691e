#!/usr/bin/env python3
"""Checks what `reeve prove` wrote, from docs/proof.md alone: nothing of Reeve's is used.

check_proof.py PROOF PUBLIC_KEY [CHECKPOINT]: the checkpoint at hand in place of the proof's own.
"""
import base64, hashlib, json, sys

sha = lambda data: hashlib.sha256(data).digest()
blake = lambda data: hashlib.blake2b(data, digest_size=32).digest()
node = lambda left, right: sha(b"\1" + left + right)


def need(holds, what):
    if not holds:
        sys.exit("NOT PROVEN: " + what)


# --- Ed25519 (RFC 8032, 5.1.7) ---
P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P

def add(a, b):
    s, t = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    u, v = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = t - s, v - u, v + u, t + s
    return e * f % P, g * h % P, f * g % P, e * h % P

def times(n, a):
    out = (0, 1, 1, 0)
    while n:
        out, a, n = (add(out, a) if n & 1 else out), add(a, a), n >> 1
    return out

def point(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    need(y < P and (x * x - square) % P == 0, "a point is not on the curve")
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P

def is_signed(key, text, signature):
    s = int.from_bytes(signature[32:], "little")
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + text).digest(), "little") % L
    a, b = times(s, point((4 * pow(5, -1, P) % P).to_bytes(32, "little"))), add(point(signature[:32]), times(h, point(key)))
    return s < L and (a[0] * b[2] - b[0] * a[2]) % P == 0 and (a[1] * b[2] - b[1] * a[2]) % P == 0


# --- The checkpoint (C2SP signed-note and tlog-checkpoint) ---
def open_checkpoint(note, public_key, size, root):
    name, key_id, key = public_key.strip().split("+", 2)
    text, signatures = note[:note.rindex("\n\n") + 1], note[note.rindex("\n\n") + 2:]
    for line in signatures.splitlines():
        signer, data = line[2:].rsplit(" ", 1)
        data = base64.b64decode(data)
        if line.startswith("— ") and signer == name and data[:4].hex() == key_id:
            need(is_signed(base64.b64decode(key)[1:], text.encode(), data[4:]), "the signature is false")
            break
    else:
        need(False, "nobody who is trusted signed it")
    lines = text.split("\n")
    need(lines[0] == name and int(lines[1]) == size and base64.b64decode(lines[2]) == root, "the checkpoint is another one")


# --- The event's bytes and its chain hash (docs/journal_format.md) ---
def varint(n):
    return bytes([n]) if n < 128 else bytes([n & 127 | 128]) + varint(n >> 7)

def text(value):
    return varint(len(value.encode())) + value.encode()

def optional(value):
    return varint(len(value.encode()) + 1) + value.encode() if value else b"\0"

def event_bytes(e):
    moment = b"\0"
    if "moment_integer" in e:
        n = int(e["moment_integer"])
        moment = b"\1" + varint(2 * n if n >= 0 else -2 * n - 1)
    elif "moment_text" in e:
        moment = b"\3" + text(e["moment_text"])
    return (varint(e["sequence"]) + text(e["id"]) + text(e["type"]) + varint(e["version"]) + text(e["time"]) + moment
            + text(e["actor"]) + optional(e.get("command")) + optional(e.get("key")) + optional(e.get("request_hash"))
            + varint(e["span"]) + text(e["payload"]))


# --- Paths (RFC 9162, 2.1.3.2 and 2.1.4.2) ---
def climb(index, last, nodes, first, second):
    for sibling in nodes:
        need(last > 0, "the path is too long")
        if index & 1 or index == last:
            first, second = node(sibling, first), node(sibling, second)
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            second = node(second, sibling)
        index, last = index >> 1, last >> 1
    need(last == 0, "the path is too short")
    return first, second

def check(proof, public_key, checkpoint=None):
    need(proof["reeve_proof"] == 1 and proof["kind"] in ("inclusion", "consistency"), "it is of another version")
    size, root, path = proof["size"], bytes.fromhex(proof["root"]), [bytes.fromhex(h) for h in proof["path"]]
    if proof["kind"] == "inclusion":
        e, changeset = proof["event"], base64.b64decode(proof["changeset"])
        chain = blake(b"reeve.chain.1" + bytes.fromhex(proof["previous_chain_hash"]) + event_bytes(e)
                      + varint(len(changeset)) + changeset)
        need(0 < e["sequence"] <= size, "there is no such event")
        leaf = sha(b"\0" + chain)
        need(climb(e["sequence"] - 1, size - 1, path, leaf, leaf)[1] == root, "the path leads elsewhere")
        open_checkpoint(checkpoint or proof["checkpoint"], public_key, size, root)
        return f"event {e['sequence']} of {size}"
    old, old_root = proof["first_size"], bytes.fromhex(proof["first_root"])
    need(0 < old <= size, "the older one is larger")
    if old == size:
        need(not path and old_root == root, "the roots differ")
    else:
        index, last = old - 1, size - 1
        nodes = [old_root] + path if old & (old - 1) == 0 else path
        need(nodes, "the path is too short")
        while index & 1:
            index, last = index >> 1, last >> 1
        need(climb(index, last, nodes[1:], nodes[0], nodes[0]) == (old_root, root), "it was rewritten")
    open_checkpoint(checkpoint or proof["first_checkpoint"], public_key, old, old_root)
    if "checkpoint" in proof:
        open_checkpoint(proof["checkpoint"], public_key, size, root)
    return f"{size} events go on from {old}"

read = lambda file: open(file, encoding="utf-8", newline="").read()
if __name__ == "__main__":
    print("proven:", check(json.loads(read(sys.argv[1])), sys.argv[2], read(sys.argv[3]) if len(sys.argv) > 3 else None))
