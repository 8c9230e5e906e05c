"""Markdown of a model: a few elements, text that stays text, links only to where they say."""

import re
import time

import pytest

from tests.web.test_web_escaping import CORPUS, Reader
from web.presentation import markdown
from web.presentation.markdown import ELEMENTS, Element
from web.templating import tree


def shown(text):
    return str(tree(markdown.nodes(text)))


OUT = 'class="out" target="_blank" rel="noopener noreferrer nofollow"'


@pytest.mark.parametrize(
    ("text", "markup"),
    [
        ("# Title", "<p><b>Title</b></p>"),
        ("a *b* **c** ~~d~~ `e`", "<p>a <em>b</em> <b>c</b> <s>d</s> <code>e</code></p>"),
        ("one\ntwo", "<p>one<br>two</p>"),
        ("- a\n- b", "<ul><li>a</li><li>b</li></ul>"),
        ("3. a\n4. b", '<ol start="3"><li>a</li><li>b</li></ol>'),
        ("> q", "<blockquote><p>q</p></blockquote>"),
        ("```sh\nls <x>\n```", "<pre><code>ls &lt;x&gt;\n</code></pre>"),
        ("---", "<hr>"),
        (
            "|a|b|\n|-|:-:|\n|1|2|",
            "<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>1</td><td>2</td></tr></tbody></table>",
        ),
        ("see https://example.org/a.", f'<p>see <a href="https://example.org/a" {OUT}>https://example.org/a</a>.</p>'),
        (
            "[my bank](https://evil.example.org/x)",
            f'<p><a href="https://evil.example.org/x" {OUT}>my bank</a><small> (evil.example.org)</small></p>',
        ),
        ("<https://example.org/>", f'<p><a href="https://example.org/" {OUT}>https://example.org/</a></p>'),
        ("[router](http://192.168.0.1/)", "<p>router (http://192.168.0.1/)</p>"),
        ("[x](/logout)", "<p>x (/logout)</p>"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>"),
        (
            "![a cat](https://example.org/cat.png)",
            f'<p><a href="https://example.org/cat.png" {OUT}>image: a cat</a><small> (example.org)</small></p>',
        ),
        ("![](data:image/png;base64,AAAA)", "<p>image: without a name (data:image/png;base64,AAAA)</p>"),
        ("<b onclick=x>hi</b>", "<p>&lt;b onclick=x&gt;hi&lt;/b&gt;</p>"),
    ],
)
def test_markdown_becomes_a_few_elements(text, markup):
    assert shown(text) == markup


SHAPES = ["{}", "**{}**", "`{}`", "```\n{}\n```", "[{}](https://example.org)", "[x]({})", "[x](<{}>)", "![{}]({})", "|{}|\n|-|\n|{}|", "# {}", "<{}>", "[a]: {}\n[a]"]  # fmt: skip


@pytest.mark.parametrize("evil", CORPUS)
def test_no_text_acts_in_any_shape(evil):
    for shape in SHAPES:
        reader = Reader()
        markup = shown(shape.replace("{}", evil))
        reader.feed(markup)
        assert reader.found == [], shape
        assert set(re.findall(r"<([a-z0-9]+)", markup)) <= ELEMENTS
        assert set(re.findall(r" ([a-z]+)=\"", markup)) <= {"href", "class", "target", "rel", "start"}


@pytest.mark.parametrize(
    "element", [Element("script", ["x"]), Element("img"), Element("a", ["x"], "javascript:x"), Element("a", ["x"])]
)
def test_an_element_off_the_list_is_never_made(element):
    with pytest.raises(TypeError):
        tree([Element("p", [element])])


PATTERNS = ["[", "![", "*a_ ", "> ", "`", "<", "[a](", "- ", "|a", "\\", "**_", "a\n", "&#0;", "[x][", "]"]


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.slow
def test_no_pattern_takes_long(pattern):
    began = time.process_time()
    shown((pattern * markdown.MAX_CHARACTERS)[: markdown.MAX_CHARACTERS])
    marks = sum(pattern.count(mark) for mark in "[]!*_`~<>|&\\") or 1
    shown(pattern * min(markdown.MAX_MARKS // marks, markdown.MAX_CHARACTERS // len(pattern)))
    assert time.process_time() - began < 0.5


def test_a_text_beyond_the_limit_is_plain_with_its_links():
    text = "*no* https://example.org/ " + "x" * markdown.MAX_CHARACTERS
    assert shown(text).startswith(f'*no* <a href="https://example.org/" {OUT}>')
