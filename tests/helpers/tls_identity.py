"""Who a TLS server of the tests is: a certificate for 127.0.0.1, signed by itself, valid for a
hundred years.

Made with ``openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 36500``
and the extensions ``subjectAltName=IP:127.0.0.1``,
``keyUsage=critical,digitalSignature,keyCertSign``, ``extendedKeyUsage=serverAuth``.
"""

import ssl
from pathlib import Path

CERTIFICATE = """\
-----BEGIN CERTIFICATE-----
MIIB2zCCAYCgAwIBAgIULAhlnz65OwmM2Dp/wH5hClraYD0wCgYIKoZIzj0EAwIw
IDEeMBwGA1UEAwwVYSBzZXJ2ZXIgb2YgdGhlIHRlc3RzMCAXDTI2MTEyNjExMjEz
M1oYDzIxMjYxMTAyMTEyMTMzWjAgMR4wHAYDVQQDDBVhIHNlcnZlciBvZiB0aGUg
dGVzdHMwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARJo87KPL9q3cH/uIBhRZtF
Rfov1W1Hu1pWSY6/egMF91xLCuJywSpYPokpx0x+XR4Jfav7xcODsIiTwysoqB9u
o4GVMIGSMB0GA1UdDgQWBBSedri+MYu/ZlzhegtaabdrT65ZDjAfBgNVHSMEGDAW
gBSedri+MYu/ZlzhegtaabdrT65ZDjAPBgNVHRMBAf8EBTADAQH/MBoGA1UdEQQT
MBGHBH8AAAGCCWxvY2FsaG9zdDAOBgNVHQ8BAf8EBAMCAoQwEwYDVR0lBAwwCgYI
KwYBBQUHAwEwCgYIKoZIzj0EAwIDSQAwRgIhAO62rTYFk6g/i4OL6oI2jrG+PxzM
U+tR6/5QO7HqIAT1AiEAiYxCcOsLVPliZPxAJg4WIt6wTF+J64ubRpSez26jYI8=
-----END CERTIFICATE-----
"""
KEY = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgM/kOAC0WxqeweHXz
PLswYew1Qg5MbIM+0c1vZhR9lKShRANCAARJo87KPL9q3cH/uIBhRZtFRfov1W1H
u1pWSY6/egMF91xLCuJywSpYPokpx0x+XR4Jfav7xcODsIiTwysoqB9u
-----END PRIVATE KEY-----
"""


def write_certificate(folder: Path) -> Path:
    """Write the certificate into a folder; return its path, for ``REQUESTS_CA_BUNDLE``."""
    path = folder / "certificate.pem"
    path.write_text(CERTIFICATE)
    return path


def server_context(folder: Path) -> ssl.SSLContext:
    """Return the context of a server that has this identity, read from files in ``folder``."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    key = folder / "key.pem"
    key.write_text(KEY)
    context.load_cert_chain(write_certificate(folder), key)
    return context
