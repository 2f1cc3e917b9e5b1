import ssl

import requests


def planted(address):
    # ruleid: certificate-not-looked-at
    requests.get(address, verify=False)
    # ruleid: certificate-not-looked-at
    return ssl._create_unverified_context()
