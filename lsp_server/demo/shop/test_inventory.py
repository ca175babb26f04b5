"""Tests of the stock."""

from __future__ import annotations

from inventory import Inventory
from product import Product


def stocked() -> Inventory:
    inventory = Inventory()
    inventory.add(Product("apple", price=0.5, quantity=10, category="fruit"))
    inventory.add(Product("bread", price=3.0, quantity=2, category="bakery"))
    return inventory


def test_add() -> None:
    inventory = stocked()
    assert inventory.products["apple"].quantity == 10


def test_by_category() -> None:
    inventory = stocked()
    assert [product.name for product in inventory.by_category("fruit")] == ["apple"]
