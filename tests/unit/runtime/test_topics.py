from runtime.topics import TopicNames


def test_all_topics_are_named_after_the_trades() -> None:
    """Renaming the trades' topic moves those that belong to it."""
    assert TopicNames().cursors == "kraken.trades.cursors"
    assert TopicNames(trades="x").dead_letter == "x.dead-letter"
    assert TopicNames(trades="x").cursors == "x.cursors"
    assert TopicNames(trades="x").holes == "x.holes"
    assert TopicNames(trades="x").gaps == "x.gaps"
    assert TopicNames(trades="x").markets == "x.markets"
