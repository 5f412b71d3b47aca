"""The ranks of biological systematics and their order."""

# From the highest to the lowest: those of the NCBI taxonomy (Schoch et al., Database 2020, table S3), of iNaturalist
# and of WoRMS. Ranks on one line are equal.
_ORDERED = """
    life
    domain, superkingdom, realm, acellular root, cellular root
    subrealm
    kingdom
    subkingdom
    infrakingdom
    superphylum
    phylum
    subphylum
    infraphylum
    superclass
    class
    subclass
    infraclass
    subterclass
    cohort
    subcohort
    superorder
    order
    suborder
    infraorder
    parvorder
    superfamily
    epifamily
    family
    subfamily
    supertribe
    tribe
    subtribe
    genus, genushybrid
    subgenus
    species group, complex
    species subgroup
    species, hybrid
    subspecies
    variety, varietas
    subvariety
    form, forma, forma specialis, morph
    subform
"""

ORDER = {rank.strip(): place for place, line in enumerate(_ORDERED.strip().splitlines()) for rank in line.split(",")}
"""Place of every rank; the greater, the lower the rank."""

UNORDERED = frozenset(
    """clade, no rank, unranked, group, informal group, stateofmatter, division, subdivision, superdivision, section,
    subsection, series, subseries, zoosection, zoosubsection, infrahybrid, breed, cultivar, strain, isolate, serotype,
    serogroup, biotype, genotype, pathogroup, stirps, incertae sedis""".replace("\n", " ")
    .replace("    ", "")
    .split(", ")
)
"""Ranks without a place: used anywhere, or at different places by botanists and zoologists (section, division)."""


def normal(rank: str) -> str:
    """The rank as the table has it.

    Example:
        >>> normal("Species_group "), ORDER[normal("Family")] < ORDER["genus"]
        ('species group', True)
    """
    return " ".join(rank.casefold().replace("_", " ").split())
