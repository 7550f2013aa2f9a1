"""What each program of this folder does: answer questions over lakes, and print the answers.

The programs run in environments without this project, so this module needs nothing but Python.
"""

import json
import sys
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

Questions = Mapping[str, Callable[[Any], Any]]
Openers = Mapping[str, Callable[[str], Any]]


def answer(
    versions: Mapping[str, str],
    openers: Openers,
    questions: Questions,
    others: Mapping[str, tuple[Callable[[str], Any], tuple[str, ...]]] | None = None,
) -> None:
    """Print the answers as JSON: by format, lake and question.

    A question that fails has the error for its answer.

    Args:
        versions: Of the reader and of what it reads with.
        openers: How to open the lake at a path, by format.
        questions: Asked of what was opened, by name.
        others: Other ways to open a lake, by name, each with the questions that it is about.
    """
    lakes: dict[str, dict[str, Any]] = json.loads(sys.argv[1])
    ways = {name: (open_lake, tuple(questions)) for name, open_lake in openers.items()}
    answers = {
        name: {
            lake: _answered(
                open_lake,
                about["path"],
                {one: questions[one] for one in asked if one in about.get("questions", asked)},
            )
            for lake, about in lakes.items()
        }
        for name, (open_lake, asked) in {**ways, **(others or {})}.items()
    }
    sys.stdout.write("\n" + json.dumps({"versions": versions, "answers": answers}, default=str))


def _answered(open_lake: Callable[[str], Any], path: str, asked: Questions) -> dict[str, Any]:
    trades = _or_error(lambda: open_lake(path))
    failed = isinstance(trades, dict) and "error" in trades
    return {
        name: trades if failed else _or_error(partial(ask, trades)) for name, ask in asked.items()
    }


def _or_error(do: Callable[[], Any]) -> Any:
    try:
        return do()
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # noqa: BLE001  the panic of a Rust library is no Exception
        return {"error": f"{type(error).__name__}: {error}"}
