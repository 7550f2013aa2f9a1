"""Lakes that are filled before anything is measured: synthetic trades, committed without Kafka.

The files are like those of the stream, written by pyarrow and committed by the lake's own writer.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final

import numpy as np

from benchmarks.data.arrow import as_table
from benchmarks.data.synthetic import Trades
from lake.layout import LakeLayout, folder_of
from lake.log.commit import OffsetRange, Source
from lake.write.batch import Batch
from lake.write.staged_files import StagedFile, stage_trades
from lake.write.writer import LakeWriter

__all__ = ["FILLER", "LakeFiller", "filling_lake"]

FILLER: Final = "bench"
"""The run id of the commits made here."""

_SOURCE: Final = Source(cluster_id="synthetic", topic="synthetic", topic_id="synthetic")
_HOUR_MICROS: Final = 3_600_000_000


class LakeFiller:
    """Commits trades, batch after batch, as if they came from one partition of a topic."""

    def __init__(self, writer: LakeWriter, symbols: list[str]) -> None:
        self._writer = writer
        self._symbols = symbols
        self._number = 0
        self._offset = 0

    def commit(self, trades: Trades) -> None:
        """Land the trades in one commit: a file for each hour and symbol.

        Raises:
            LakeError: The lake could not be written.
        """
        folder = self._writer.staging_folder(self._number)
        hours = trades.executed_at // _HOUR_MICROS
        places = hours * len(self._symbols) + trades.pair
        target = folder / "trades"
        target.mkdir(parents=True)
        files: list[StagedFile] = []
        for place in np.unique(places).tolist():
            hour, pair = divmod(place, len(self._symbols))
            inside = trades.taken(places == place)
            in_order = as_table(inside.taken(np.argsort(inside.trade_id)))
            path = target / f"part-{len(files):05d}.parquet"
            files.append(stage_trades(in_order, path, _folder(hour, self._symbols[pair]), "zstd"))
        end = self._offset + len(trades)
        offsets = {0: OffsetRange(start=self._offset, end=end)}
        self._writer.commit(Batch(folder, len(trades), 0, _SOURCE, offsets, files))
        self._number, self._offset = self._number + 1, end


@contextmanager
def filling_lake(layout: LakeLayout, symbols: list[str]) -> Iterator[LakeFiller]:
    """Open the lake's only writer while the block runs.

    Args:
        layout: The lake.
        symbols: The symbols of the pairs, by their numbers.
    """
    with LakeWriter.open(layout, run_id=FILLER) as writer:
        yield LakeFiller(writer, symbols)


def _folder(hour: int, symbol: str) -> str:
    return folder_of(datetime.fromtimestamp(hour * 3600, UTC), symbol)
