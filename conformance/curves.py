"""ECDSA on P-256 and secp256k1, SM2, and ECVRF-EDWARDS25519-SHA512-TAI (RFC 9381): verification only.

Nothing here is secret, so nothing runs in constant time.
"""

import hashlib

from hashes import sm3


class ShortCurve:
    """y^2 = x^3 + ax + b over a prime field, in Jacobian coordinates; None is the point at infinity."""

    def __init__(self, p, b, n, x, y, a=-3):
        self.p, self.a, self.b, self.n = p, a, b, n
        self.base = (x, y, 1)

    def point(self, x, y):
        p = self.p
        if x >= p or y >= p or (y * y - (x * x * x + self.a * x + self.b)) % p:
            return None
        return (x, y, 1)

    def double(self, point):
        if point is None or point[1] == 0:
            return None
        p = self.p
        x, y, z = point
        zz = z * z % p
        yy = y * y % p
        s = 4 * x * yy % p
        m = (3 * x * x + self.a * zz * zz) % p
        x3 = (m * m - 2 * s) % p
        return (x3, (m * (s - x3) - 8 * yy * yy) % p, 2 * y * z % p)

    def add(self, left, right):
        if left is None:
            return right
        if right is None:
            return left
        p = self.p
        x1, y1, z1 = left
        x2, y2, z2 = right
        zz1 = z1 * z1 % p
        zz2 = z2 * z2 % p
        u1 = x1 * zz2 % p
        h = (x2 * zz1 - u1) % p
        s1 = y1 * zz2 * z2 % p
        r = (y2 * zz1 * z1 - s1) % p
        if h == 0:
            return self.double(left) if r == 0 else None
        hh = h * h % p
        hhh = h * hh % p
        v = u1 * hh % p
        x3 = (r * r - hhh - 2 * v) % p
        return (x3, (r * (v - x3) - s1 * hhh) % p, h * z1 * z2 % p)

    def combine(self, a, b, point):
        """The affine a times the base plus b times the point, or None at infinity."""
        both = self.add(self.base, point)
        total = None
        for i in range(max(a.bit_length(), b.bit_length()) - 1, -1, -1):
            total = self.double(total)
            bits = (a >> i & 1, b >> i & 1)
            if bits == (1, 1):
                total = self.add(total, both)
            elif bits == (1, 0):
                total = self.add(total, self.base)
            elif bits == (0, 1):
                total = self.add(total, point)
        if total is None:
            return None
        inverse = pow(total[2], -1, self.p)
        return total[0] * inverse**2 % self.p, total[1] * inverse**3 % self.p


P256 = ShortCurve(
    p=0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF,
    b=0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B,
    n=0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
    x=0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    y=0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)
SM2 = ShortCurve(
    p=0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF,
    b=0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93,
    n=0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123,
    x=0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    y=0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)
SECP256K1 = ShortCurve(
    p=2**256 - 2**32 - 977,
    a=0,
    b=7,
    n=0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141,
    x=0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798,
    y=0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8,
)


def _read(curve, x, y, signature):
    point = curve.point(int.from_bytes(x, "big"), int.from_bytes(y, "big"))
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    if point is None or not 0 < r < curve.n or not 0 < s < curve.n:
        return None
    return point, r, s


def ecdsa_p256(x, y, message, signature):
    read = _read(P256, x, y, signature)
    if read is None:
        return False
    point, r, s = read
    e = int.from_bytes(hashlib.sha256(message).digest(), "big")
    inverse = pow(s, -1, P256.n)
    found = P256.combine(e * inverse % P256.n, r * inverse % P256.n, point)
    return found is not None and found[0] % P256.n == r


def sm2_signature(x, y, message, signature, user=b"1234567812345678"):
    read = _read(SM2, x, y, signature)
    if read is None:
        return False
    point, r, s = read
    t = (r + s) % SM2.n
    if t == 0:
        return False
    numbers = (SM2.p - 3, SM2.b, SM2.base[0], SM2.base[1])
    za = sm3((8 * len(user)).to_bytes(2, "big") + user + b"".join(v.to_bytes(32, "big") for v in numbers) + x + y)
    e = int.from_bytes(sm3(za + message), "big")
    found = SM2.combine(s, t, point)
    return found is not None and (e + found[0]) % SM2.n == r


def secp256k1_signer(digest, seal):
    """The public key (x and y) that made a seal r, s, v over a digest, or None when it is not of that form."""
    curve = SECP256K1
    r, s, v = int.from_bytes(seal[:32], "big"), int.from_bytes(seal[32:64], "big"), seal[64]
    if not 0 < r < curve.n or not 0 < s <= curve.n // 2 or v > 1:
        return None
    y = pow(r**3 + 7, (curve.p + 1) // 4, curve.p)
    point = curve.point(r, y if y & 1 == v else curve.p - y)
    if point is None:
        return None
    inverse = pow(r, -1, curve.n)
    found = curve.combine(-int.from_bytes(digest, "big") * inverse % curve.n, s * inverse % curve.n, point)
    return None if found is None else found[0].to_bytes(32, "big") + found[1].to_bytes(32, "big")


# --- Edwards25519, in extended coordinates -------------------------------------------------------

_P = 2**255 - 19
_Q = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _P) % _P
_SQRT_MINUS_1 = pow(2, (_P - 1) // 4, _P)
_NEUTRAL = (0, 1, 1, 0)


def _decode(data):
    """RFC 8032, section 5.1.3; None when the string is not the one encoding of a point."""
    y = int.from_bytes(data, "little")
    sign = y >> 255
    y &= 2**255 - 1
    if y >= _P:
        return None
    u, v = (y * y - 1) % _P, (_D * y * y + 1) % _P
    x = u * pow(v, 3, _P) * pow(u * pow(v, 7, _P), (_P - 5) // 8, _P) % _P
    if v * x * x % _P == -u % _P:
        x = x * _SQRT_MINUS_1 % _P
    if v * x * x % _P != u or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = _P - x
    return (x, y, 1, x * y % _P)


def _encode(point):
    inverse = pow(point[2], -1, _P)
    x, y = point[0] * inverse % _P, point[1] * inverse % _P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def _add(left, right):
    a = (left[1] - left[0]) * (right[1] - right[0]) % _P
    b = (left[1] + left[0]) * (right[1] + right[0]) % _P
    c = 2 * left[3] * right[3] * _D % _P
    d = 2 * left[2] * right[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % _P, g * h % _P, f * g % _P, e * h % _P)


def _times(scalar, point):
    total = _NEUTRAL
    for i in range(scalar.bit_length() - 1, -1, -1):
        total = _add(total, total)
        if scalar >> i & 1:
            total = _add(total, point)
    return total


def _negative(point):
    return (-point[0] % _P, point[1], point[2], -point[3] % _P)


def _is_neutral(point):
    return point[0] % _P == 0 and (point[1] - point[2]) % _P == 0


_BASE = _decode(b"\x58" + b"\x66" * 31)


def ecvrf_verify(public_key, alpha, proof):
    """beta, or None when the proof is not good (RFC 9381, section 5.3, with key validation)."""
    if len(public_key) != 32 or len(proof) != 80:
        return None
    key = _decode(public_key)
    gamma = _decode(proof[:32])
    challenge = int.from_bytes(proof[32:48], "little")
    s = int.from_bytes(proof[48:], "little")
    if key is None or _is_neutral(_times(8, key)) or gamma is None or s >= _Q:
        return None
    h = _to_curve(public_key, alpha)
    u = _add(_times(s, _BASE), _negative(_times(challenge, key)))
    v = _add(_times(s, h), _negative(_times(challenge, gamma)))
    points = public_key + _encode(h) + proof[:32] + _encode(u) + _encode(v)
    if hashlib.sha512(b"\x03\x02" + points + b"\x00").digest()[:16] != proof[32:48]:
        return None
    return hashlib.sha512(b"\x03\x03" + _encode(_times(8, gamma)) + b"\x00").digest()


def _to_curve(salt, alpha):
    for counter in range(256):
        digest = hashlib.sha512(b"\x03\x01" + salt + alpha + bytes([counter]) + b"\x00").digest()
        point = _decode(digest[:32])
        if point is not None:
            point = _times(8, point)
            if not _is_neutral(point):
                return point
    raise ArithmeticError("no point found")  # one chance in 2^256
