"""The whole schema: every module of this package, loaded, so that foreign keys find their tables."""

import importlib
import pkgutil
from functools import cache

from sqlalchemy import MetaData

import models
from models.table import Table

_WITHOUT_TABLES = {"migration"}
"""Modules that are left out, because what they import takes longer than all tables."""


@cache
def load_tables() -> MetaData:
    """Import every module that defines tables and return the metadata that they share."""
    for module in pkgutil.iter_modules(models.__path__):
        if module.name not in _WITHOUT_TABLES:
            importlib.import_module(f"models.{module.name}")
    return Table.metadata
