import pickle

import yaml


def planted(text):
    # ruleid: data-run-as-code
    first = eval(text)
    # ruleid: data-run-as-code
    second = pickle.loads(text)
    # ruleid: data-run-as-code
    third = yaml.load(text)
    # ok: data-run-as-code
    return first, second, third, yaml.safe_load(text)
