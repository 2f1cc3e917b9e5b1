import os
import subprocess


def planted(name):
    # ruleid: shell
    subprocess.run(f"cat {name}", shell=True)
    # ruleid: shell
    os.system(f"cat {name}")
    # ok: shell
    subprocess.run(["cat", name])
