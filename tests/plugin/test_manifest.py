"""The manifest is found, valid, and every command in it exists."""

from pathlib import Path

from npe2 import PluginManifest

from napari_deconvolution.images.formats.registry import suffixes

FILE = Path(__file__).resolve().parents[2] / "napari.yaml"


def test_installed_manifest_is_the_file():
    installed, file = PluginManifest.from_distribution("napari-deconvolution"), PluginManifest.from_file(FILE)
    assert installed.contributions == file.contributions
    assert (installed.name, installed.display_name) == (file.name, file.display_name)


def test_every_format_is_offered():
    (reader,) = PluginManifest.from_file(FILE).contributions.readers
    assert set(reader.filename_patterns) == {f"*{form}" for suffix in suffixes() for form in (suffix, suffix.upper())}


def test_menus_name_widgets():
    contributions = PluginManifest.from_file(FILE).contributions
    widgets = {widget.command for widget in contributions.widgets}
    menus = {menu: [item.command for item in items] for menu, items in contributions.menus.items()}
    assert menus == {
        "napari/layers/filter": ["napari-deconvolution.deconvolve_widget"],
        "napari/file/new_layer": ["napari-deconvolution.psf_widget"],
        "napari/layers/visualize": ["napari-deconvolution.lab_widget"],
    }
    assert {command for commands in menus.values() for command in commands} <= widgets


def test_help_leads_to_pages_that_there_are(screen):
    from napari_deconvolution.plugin.help_widget import PAGES, SITE

    root = FILE.parent
    assert f"site_url: {SITE}" in (root / "mkdocs.yml").read_text()
    for page in PAGES.values():
        assert (root / "docs" / f"{page.rstrip('/') or 'index'}.md").is_file(), page


def test_every_command_is_there(screen):
    manifest = PluginManifest.from_file(FILE)
    manifest.validate_imports()
    assert len(manifest.contributions.commands) == 18
