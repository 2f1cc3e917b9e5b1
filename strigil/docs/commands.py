"""Every sub-command with its arguments."""

from __future__ import annotations

import argparse
from inspect import cleandoc

from strigil.docs.markdown import table


def command_page() -> str:
    """Every sub-command with its arguments."""
    from strigil import cli

    parser = cli._parser()
    action = next(one for one in parser._actions if isinstance(one, argparse._SubParsersAction))
    helps = {one.dest: one.help or "" for one in action._choices_actions}
    return "\n\n".join(
        [
            "# The `strigil` command",
            (cli.__doc__ or "").strip().split("\n\n", 1)[1],
            *(_command_section(name, helps[name], command) for name, command in action.choices.items()),
        ]
    )


def _command_section(name: str, said: str, parser: argparse.ArgumentParser) -> str:
    arguments = [one for one in parser._actions if not isinstance(one, argparse._HelpAction)]
    usage = " ".join(["strigil", name, *(_usage(one) for one in arguments)])
    rows = [
        (f"`{' '.join(filter(None, [', '.join(one.option_strings), _takes(one)]))}`", _default(one), one.help or "")
        for one in arguments
    ]
    return "\n\n".join(
        [
            f"## strigil {name}",
            cleandoc(parser.description or said),
            f"```text\n{usage}\n```",
            table(("Argument", "Default", "What it does"), rows),
        ]
    )


def _takes(one: argparse.Action) -> str:
    if one.nargs == 0:
        return ""
    return str(one.metavar or one.dest.upper())


def _usage(one: argparse.Action) -> str:
    words = " ".join(filter(None, [*one.option_strings[:1], _takes(one)]))
    return words if one.required or not one.option_strings else f"[{words}]"


def _default(one: argparse.Action) -> str:
    return "" if one.default in (None, False) or one.required else f"`{one.default}`"
