"""An operator at the browser whose actions are counted: a click or a key is one, typing a text is none."""

from selenium.webdriver.common.keys import Keys


class Operator:
    """Acts as a person does, by clicks and keys."""

    def __init__(self, browser):
        self.browser = browser
        self.actions = 0

    def click(self, selector):
        self.actions += 1
        self.browser.press(selector)

    def key(self, key):
        self.actions += 1
        self.browser.keys(key)

    def enter(self):
        self.key(Keys.ENTER)

    def type(self, text):
        self.browser.keys(text)
