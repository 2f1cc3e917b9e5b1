import hashlib


def planted(text):
    exec(text)
    return hashlib.md5(text).hexdigest()
