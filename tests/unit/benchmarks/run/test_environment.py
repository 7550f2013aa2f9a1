from benchmarks.run.environment import ROOT


def test_programs_are_started_from_the_checkout() -> None:
    """Measurements start the stream and the rivals by their paths below it."""
    assert (ROOT / "spark_consumer" / "main.py").is_file()
    assert (ROOT / "benchmarks" / "rivals" / "spark_source.py").is_file()
