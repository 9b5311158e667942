"""YAML's reader for plain data: no tags that make objects, no numbers to base 60, and merges that stay small."""

from typing import Any

import yaml
from yaml.constructor import ConstructorError

from .bounds import number as bounded

LONGEST_NUMBER = 1000  # characters
MOST_MERGED = 20_000  # pairs, in one document


class Loader(yaml.CSafeLoader):
    """YAML 1.1 as PyYAML reads it, without what YAML 1.2 dropped because nobody means it."""

    def __init__(self, stream: Any) -> None:  # noqa: ANN401 - as PyYAML has it
        super().__init__(stream)
        self._merged = 0
        self._looked_at: set[int] = set()

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """Write a merge out; bounded, since each of a list of aliases adds all its pairs."""
        if id(node) not in self._looked_at:  # afterwards, what was merged stands among its own pairs
            self._looked_at.add(id(node))
            self._refuse_doubled(node)
        super().flatten_mapping(node)
        self._merged += len(node.value)
        if self._merged > MOST_MERGED:
            raise ConstructorError(None, None, f"more than {MOST_MERGED:,} merged pairs", node.start_mark)

    def _refuse_doubled(self, node: yaml.MappingNode) -> None:
        names: set[tuple[str, str]] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if (key.tag, key.value) in names:
                    said = f'the key "{key.value[:40]}" stands twice in one mapping'
                    raise ConstructorError(None, None, said, key.start_mark)
                names.add((key.tag, key.value))

    def number(self, node: yaml.ScalarNode) -> float | str:
        """A number; what has colons, as times have, is text."""
        text = self.construct_scalar(node)
        if ":" in text:
            return str(text)
        if len(text) > LONGEST_NUMBER:
            raise ConstructorError(None, None, f"a number of more than {LONGEST_NUMBER:,} digits", node.start_mark)
        make = self.construct_yaml_float if node.tag.endswith(":float") else self.construct_yaml_int
        try:
            number: float = make(node)
        except ValueError:
            raise ConstructorError(None, None, f'"{text[:40]}" is no number', node.start_mark) from None
        if number in {float("inf"), float("-inf")}:
            bounded(text)
        return number

    def refuse(self, node: yaml.Node) -> None:
        raise ConstructorError(None, None, f"the tag {node.tag[:60]} is none of plain data", node.start_mark)


Loader.add_constructor("tag:yaml.org,2002:int", Loader.number)
Loader.add_constructor("tag:yaml.org,2002:float", Loader.number)
Loader.add_constructor(None, Loader.refuse)
