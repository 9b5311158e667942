"""Laws of what changes together: groups are the connected parts of who needs whom."""

from __future__ import annotations

import networkx as nx
from hypothesis import given

from host.resolution.relations import tied
from host.vocabulary.manifest import Manifest
from tests.laws.small_graphs import graphs


@given(graphs())
def test_groups_are_the_connected_parts_of_who_needs_whom(manifests: list[Manifest]) -> None:
    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from(manifest.name for manifest in manifests)
    graph.add_edges_from(
        (manifest.name, need) for manifest in manifests for need in manifest.dependencies if need in graph
    )
    assert set(tied(manifests)) == {frozenset(each) for each in nx.connected_components(graph)}


@given(graphs())
def test_each_module_is_in_one_group(manifests: list[Manifest]) -> None:
    groups = tied(manifests)
    assert sum(map(len, groups)) == len({manifest.name for manifest in manifests})
