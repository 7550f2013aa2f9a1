"""Every class of settings that a program reads from the environment."""

from typing import Final

from console.settings import ConsoleSettings
from lake.settings import LakeSettings
from producer.settings import ProducerSettings
from runtime.metrics import MetricsSettings
from runtime.settings import KafkaSettings, RegistrySettings
from spark_consumer.settings import ConsumerSettings

__all__ = ["SETTINGS"]

SETTINGS: Final = (
    ConsoleSettings,
    ConsumerSettings,
    KafkaSettings,
    LakeSettings,
    MetricsSettings,
    ProducerSettings,
    RegistrySettings,
)
