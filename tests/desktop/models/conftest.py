"""Every model is watched by Qt's own tester for as long as its test runs."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QAbstractItemModel
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication

Check = Callable[[QAbstractItemModel], None]


@pytest.fixture
def check_model(qapp: QApplication) -> Check:  # noqa: ARG001 - a model wants an application
    """What is told of a model that breaks a rule fails the test: pytest-qt hears Qt's warnings."""
    testers: list[QAbstractItemModelTester] = []

    def check(model: QAbstractItemModel) -> None:
        mode = QAbstractItemModelTester.FailureReportingMode.Warning
        testers.append(QAbstractItemModelTester(model, mode, model))

    return check
