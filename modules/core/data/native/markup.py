"""XML: elements as tables, in which no text is lost and none becomes markup."""

import re
import xml.etree.ElementTree as ET

from defusedxml import DefusedXmlException, ElementTree

from host.lifecycle.native_data import Data, NotSayableError

from .bounds import few

LONG_NAMESPACE = re.compile(r"""xmlns(?::[^\s=]{1,200})?+\s*+=\s*+["'][^"']{201}""")  # it stands in each name
NAME = re.compile(r"[^\W\d][\w.\-\u00b7]*+(?::[^\W\d][\w.\-\u00b7]*+)?")
NO_TEXT = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
PARTS = ("tag", "attributes", "text", "children", "tail")


def xml_decode(text: str, _options: Data) -> Data:
    few("XML", max(text.count("<"), text.count("=")) // 2)
    if LONG_NAMESPACE.search(text):
        raise ValueError("a namespace of more than 200 characters")
    try:
        return element(ElementTree.fromstring(text))
    except DefusedXmlException:
        raise ValueError("entities and document types are refused") from None


def element(node: Data) -> dict[str, Data]:
    """An element; spaces between elements alone are those of whoever indented it, and no text."""
    found: dict[str, Data] = {"tag": node.tag}
    if node.attrib:
        found["attributes"] = dict(node.attrib)
    texts = [node.text, *(each.tail for each in node)]
    said = len(texts) == 1 or any(text and text.strip() for text in texts)
    if node.text and said:
        found["text"] = node.text
    children = [element(each) | ({"tail": each.tail} if each.tail and said else {}) for each in node]
    if children:
        found["children"] = children
    return found


def xml_encode(value: Data, _options: Data) -> str:
    return ET.tostring(node_of(value), encoding="unicode").replace("\r", "&#13;")


def node_of(table: Data) -> ET.Element:
    if not isinstance(table, dict) or "tag" not in table:
        raise ValueError("an element is a table with a tag")
    unknown = next((str(name) for name in table if name not in PARTS), None)
    if unknown is not None:
        raise ValueError(f'an element has {", ".join(PARTS)}, and no "{unknown[:40]}"')
    attributes = part(table, "attributes", dict)
    node = ET.Element(name_of(table["tag"]), {name_of(name): text_of(each) for name, each in attributes.items()})
    node.text = text_of(table["text"]) if "text" in table else None
    node.tail = text_of(table["tail"]) if "tail" in table else None
    node.extend([node_of(each) for each in part(table, "children", list)])
    return node


def part(table: Data, name: str, kind: type) -> Data:
    found = table.get(name) or kind()
    if not isinstance(found, kind):
        raise NotSayableError(f"the {name} of an element are a {'list' if kind is list else 'table by names'}")
    return found


def text_of(value: Data) -> str:
    if value is None or isinstance(value, list | dict):
        raise ValueError("a text or attribute is a table")
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if NO_TEXT.search(text):
        raise ValueError("a text or attribute holds a character that XML has not, such as NUL; use base64_encode")
    return text


def name_of(given: Data) -> str:
    """A name that is no markup: ``{namespace}name`` as it is read, or a name alone."""
    namespace, brace, name = str(given).rpartition("}")
    if not NAME.fullmatch(name) or (brace and not namespace.startswith("{")):
        raise ValueError(f'"{str(given)[:60]}" is no name of an element or attribute')
    return str(given)
