"""Tabs of the app: layout and wiring, the only package that imports gradio. Imports everything but `explorer.report`."""
