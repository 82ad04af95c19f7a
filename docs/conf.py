"""The configuration of the site.

The verifier evaluates it too, so there are plain values in it and nothing that needs Sphinx.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "_ext"), str(HERE.parent)]  # our extensions, and the package `verify`

# Where the site is published; unset for a build on a laptop.
SITE_URL = os.environ.get("READTHEDOCS_CANONICAL_URL") or os.environ.get("SITE_URL", "")
if SITE_URL:
    SITE_URL = SITE_URL.rstrip("/") + "/"

# -- Project ---------------------------------------------------------------------------------------
project = "Celery on the Web"
author = "the Celery on the Web authors"
copyright = author  # noqa: A001 (the name that Sphinx reads)
language = "en"

# -- Sphinx ----------------------------------------------------------------------------------------
extensions = [
    "myst_parser",
    "sphinx.ext.intersphinx",
    "sphinx_copybutton",
    "sphinx_tabs.tabs",
    "sphinxext.opengraph",
    "notfound.extension",
    "captions",
    "charts",
    "diagram",
    "downloads",
    "search_page",
    "tables",
    "verdicts",
    "finish",
]
if SITE_URL:  # a site map needs absolute addresses
    extensions.append("sphinx_sitemap")
source_suffix = {".md": "markdown"}
exclude_patterns = ["_*"]
templates_path = ["_templates"]
highlight_language = "text"
nitpicky = True
smartquotes = False  # an error text in a heading keeps the quotes that it has

# -- MyST ------------------------------------------------------------------------------------------
myst_enable_extensions = ["attrs_inline", "colon_fence", "deflist", "fieldlist"]
myst_heading_anchors = 3

# -- Links to other projects: committed inventories, so that a build needs no network --------------
intersphinx_mapping = {
    name: (address, str(HERE / "_inv" / f"{name}.inv"))
    for name, address in {
        "celery": "https://docs.celeryq.dev/en/stable",
        "kombu": "https://docs.celeryq.dev/projects/kombu/en/stable",
        "django": "https://docs.djangoproject.com/en/stable",
        "flask": "https://flask.palletsprojects.com/en/stable",
        "python": "https://docs.python.org/3",
    }.items()
}

# -- HTML ------------------------------------------------------------------------------------------
html_theme = "furo"
html_title = project
html_baseurl = SITE_URL
html_static_path = ["_static"]
html_favicon = "_static/favicon.svg"
html_css_files = ["site.css"]
html_js_files = ["tabs.js", "site.js"]
html_additional_pages = {"search": "search.html"}
html_copy_source = False
html_show_sourcelink = False
html_use_index = False
html_sidebars = {
    "**": [
        "sidebar/brand.html",
        "sidebar/search.html",
        "sidebar/scroll-start.html",
        "sidebar/navigation.html",
        "sidebar/scroll-end.html",
    ]
}
html_theme_options = {
    "top_of_page_buttons": [],
    "light_css_variables": {
        "color-background-primary": "#ffffff",
        "color-background-secondary": "#f5f8f4",
        "color-background-border": "#dbe4da",
        "color-foreground-primary": "#151b16",
        "color-foreground-secondary": "#48534a",
        "color-foreground-muted": "#5a655c",
        "color-brand-primary": "#17633a",
        "color-brand-content": "#17633a",
        "color-brand-visited": "#4d4790",
        "color-code-background": "#f5f8f4",
        "color-code-foreground": "#151b16",
        "color-inline-code-background": "#edf2ec",
        "color-caution": "#7a4b00",
    },
    "dark_css_variables": {
        "color-background-primary": "#101411",
        "color-background-secondary": "#171d18",
        "color-background-border": "#2c372e",
        "color-foreground-primary": "#e1e8e1",
        "color-foreground-secondary": "#aab6ac",
        "color-foreground-muted": "#97a399",
        "color-brand-primary": "#8fd6a3",
        "color-brand-content": "#8fd6a3",
        "color-brand-visited": "#bdb7ea",
        "color-code-background": "#171d18",
        "color-code-foreground": "#e1e8e1",
        "color-inline-code-background": "#202821",
        "color-caution": "#e5bd6d",
    },
}
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"

# -- Extensions ------------------------------------------------------------------------------------
copybutton_prompt_text = "$ "  # of a console block, only the commands are copied
copybutton_copy_empty_lines = False
copybutton_line_continuation_character = "\\"
sphinx_tabs_disable_css_loading = True  # site.css has the tabs
sphinx_tabs_disable_tab_closing = True
sphinx_tabs_valid_builders = ["dummy"]  # otherwise the verifier's build reads each tab twice
ogp_site_url = SITE_URL
ogp_social_cards = {"enable": False}
ogp_enable_meta_description = True
notfound_urls_prefix = urlsplit(SITE_URL).path.rstrip("/") + "/"
sitemap_url_scheme = "{link}"
sitemap_excludes = ["404.html", "search.html"]
