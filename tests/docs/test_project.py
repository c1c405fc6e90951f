"""What is said of the project in several files agrees; pictures of the README are seen on a package index too."""

import re
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def loaded(path):
    return yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))


def test_the_recipe_is_that_of_this_version():
    recipe = loaded("recipe/recipe.yaml")
    assert recipe["context"]["version"] == PROJECT["version"]
    needed = {text.replace(" ", "") for text in recipe["requirements"]["run"] if not text.startswith("python ")}
    assert needed == set(PROJECT["dependencies"])
    assert f">={recipe['context']['python_min']}" == PROJECT["requires-python"]


def test_the_changelog_has_this_version():
    assert f"## [{PROJECT['version']}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_citation_names_the_project():
    citation = loaded("CITATION.cff")
    assert citation["title"] == PROJECT["name"]
    assert citation["license"] == PROJECT["license"]
    assert citation["repository-code"] == PROJECT["urls"]["Source"]


def test_workflows_run_every_python_that_is_promised():
    matrix = loaded(".github/workflows/tests.yml")["jobs"]["tests"]["strategy"]["matrix"]
    promised = [line.rpartition(" ")[2] for line in PROJECT["classifiers"] if re.search(r":: 3\.\d+$", line)]
    assert matrix["python"] == promised
    assert len(matrix["os"]) == 3


def test_links_of_the_readme_need_no_repository():
    links = re.findall(r"\]\(([^)]+)\)", README)
    assert len(links) > 10
    assert [link for link in links if not link.startswith("https://")] == []


def test_pictures_of_the_readme_are_there():
    raw = "https://raw.githubusercontent.com/napari-deconvolution/napari-deconvolution/main/"
    pictures = [link.removeprefix(raw) for link in re.findall(r"\]\((https://raw[^)]+)\)", README)]
    assert len(pictures) == 4
    assert [picture for picture in pictures if not (ROOT / picture).is_file()] == []
