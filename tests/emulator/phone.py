#!/usr/bin/python3
"""phone.py STATE --pull DIR [--model ID --mac MAC] [-w]: lets an emulated phone pull from a directory, prints its state after."""
import argparse
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import common  # noqa: E402


def main():
    p = argparse.ArgumentParser()
    p.add_argument("state")
    p.add_argument("--pull", required=True)
    p.add_argument("--model")
    p.add_argument("--mac")
    p.add_argument("-w", action="store_true")
    a = p.parse_args()
    if os.path.exists(a.state):
        phone = common.from_file(a.state)
    elif a.model and a.mac:
        phone = common.make(a.model, a.mac)
    else:
        sys.exit("phone.py: no such state; give --model and --mac for a new phone")
    phone.boot(common.directory(a.pull))
    text = json.dumps(phone.save(), indent=1)
    if a.w:
        with open(a.state, "w", encoding="utf-8") as f:
            f.write(text + "\n")
    else:
        print(text)


if __name__ == "__main__":
    main()
