"""The ranks of taxonomy: by these names a table's columns are recognised."""

_FROM_THE_TOP_DOWN = """
domain superkingdom realm kingdom subkingdom infrakingdom
superphylum phylum division subphylum subdivision infraphylum
superclass class subclass infraclass cohort
superorder order suborder infraorder parvorder
superfamily family subfamily supertribe tribe subtribe
genus subgenus section subsection series
species subspecies variety subvariety form forma cultivar breed strain
"""

RANKS = tuple(_FROM_THE_TOP_DOWN.split())

KNOWN_RANKS = frozenset(RANKS)
