"""Keccak-256 as in Ethereum, and SM3 (GB/T 32905)."""

_MASK64 = 2**64 - 1
_MASK32 = 2**32 - 1


def _keccak_tables():
    """Round constants, and for each lane where it goes and by how much it is turned."""
    constants = []
    register = 1
    for _ in range(24):
        constant = 0
        for j in range(7):
            if register & 1:
                constant |= 1 << (2**j - 1)
            register = (register << 1) ^ (0x171 if register & 0x80 else 0)
        constants.append(constant)
    moves = [(0, 0, 0)]
    x, y = 1, 0
    for t in range(24):
        source = x + 5 * y
        x, y = y, (2 * x + 3 * y) % 5
        moves.append((source, x + 5 * y, (t + 1) * (t + 2) // 2 % 64))
    return constants, moves


_ROUNDS, _MOVES = _keccak_tables()


def _keccak_f(lanes):
    for constant in _ROUNDS:
        column = [lanes[x] ^ lanes[x + 5] ^ lanes[x + 10] ^ lanes[x + 15] ^ lanes[x + 20] for x in range(5)]
        turned = [((c << 1) | (c >> 63)) & _MASK64 for c in column]
        change = [column[x - 1] ^ turned[(x + 1) % 5] for x in range(5)]
        moved = [0] * 25
        for source, target, turn in _MOVES:
            lane = lanes[source] ^ change[source % 5]
            # A turn by 0 must come out as the lane itself.
            moved[target] = ((lane << turn) | (lane >> (64 - turn))) & _MASK64
        for row in (0, 5, 10, 15, 20):
            a, b, c, d, e = moved[row : row + 5]
            lanes[row] = a ^ (~b & c)
            lanes[row + 1] = b ^ (~c & d)
            lanes[row + 2] = c ^ (~d & e)
            lanes[row + 3] = d ^ (~e & a)
            lanes[row + 4] = e ^ (~a & b)
        lanes[0] ^= constant


def keccak(data):
    rate = 136
    padded = bytearray(data) + b"\x01" + b"\x00" * (rate - 1 - len(data) % rate)
    padded[-1] |= 0x80
    lanes = [0] * 25
    for block in range(0, len(padded), rate):
        for i in range(rate // 8):
            lanes[i] ^= int.from_bytes(padded[block + 8 * i : block + 8 * i + 8], "little")
        _keccak_f(lanes)
    return b"".join(lane.to_bytes(8, "little") for lane in lanes[:4])


def _turn32(word, by):
    by %= 32
    return ((word << by) | (word >> (32 - by))) & _MASK32


def sm3(data):
    state = [0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600, 0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E]
    padded = data + b"\x80" + b"\x00" * ((55 - len(data)) % 64) + (8 * len(data)).to_bytes(8, "big")
    for block in range(0, len(padded), 64):
        words = [int.from_bytes(padded[block + 4 * i : block + 4 * i + 4], "big") for i in range(16)]
        for i in range(16, 68):
            mixed = words[i - 16] ^ words[i - 9] ^ _turn32(words[i - 3], 15)
            mixed ^= _turn32(mixed, 15) ^ _turn32(mixed, 23)
            words.append(mixed ^ _turn32(words[i - 13], 7) ^ words[i - 6])
        a, b, c, d, e, f, g, h = state
        for i in range(64):
            constant = 0x79CC4519 if i < 16 else 0x7A879D8A
            first = _turn32((_turn32(a, 12) + e + _turn32(constant, i)) & _MASK32, 7)
            second = first ^ _turn32(a, 12)
            ff = a ^ b ^ c if i < 16 else (a & b) | (a & c) | (b & c)
            gg = e ^ f ^ g if i < 16 else (e & f) | (~e & g)
            left = (ff + d + second + (words[i] ^ words[i + 4])) & _MASK32
            right = (gg + h + first + words[i]) & _MASK32
            a, b, c, d = left, a, _turn32(b, 9), c
            e, f, g, h = right ^ _turn32(right, 9) ^ _turn32(right, 17), e, _turn32(f, 19), g
        state = [old ^ new for old, new in zip(state, (a, b, c, d, e, f, g, h))]
    return b"".join(word.to_bytes(4, "big") for word in state)
