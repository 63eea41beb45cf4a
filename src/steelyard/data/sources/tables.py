"""Folders whose tables lie in plain CSV files with nothing to repair."""

from __future__ import annotations

from steelyard.data.sources.home import Folder
from steelyard.data.sources.listing import listed

__all__ = ["SETS"]

UCI = Folder("tab_uci_arff", "UCI, CC BY 4.0", "https://archive.ics.uci.edu")
NASA = Folder("tab_nasa_mdp", "none stated; public NASA data", "https://github.com/klainfo/NASADefectDataset")
PYCARET = Folder("tab_pycaret_small", "UCI, CC BY 4.0", "https://archive.ics.uci.edu")
SHOPPERS = Folder("tab_online_shoppers", "UCI 468, CC BY 4.0", "https://archive.ics.uci.edu/dataset/468")
DIABETES = Folder("tab_diabetes130", "UCI 296, CC BY 4.0", "https://archive.ics.uci.edu/dataset/296")
CHURN = Folder("tab_churn", "public (MLC++)", "https://www.openml.org/d/40701")
COMPAS = Folder(
    "tab_compas", "none stated; published for reuse", "https://github.com/propublica/compas-analysis"
)
HOMES = {
    "uci": UCI,
    "nasa": NASA,
    "pycaret": PYCARET,
    "online-shoppers": SHOPPERS,
    "diabetes130": DIABETES,
    "churn": CHURN,
    "compas": COMPAS,
}

SETS = listed("tables.csv", lambda row: HOMES[row["name"].partition("/")[0]])
