import js from "@eslint/js";
import globals from "globals";

export default [
  {
    files: ["explorer/web/js/*.js", "tests/web/*.test.js", "eslint.config.js"],
    ...js.configs.recommended,
  },
  { files: ["**/*.js"], languageOptions: { globals: globals.browser } },
  { ignores: ["build/", "data/", ".venv*/"] },
];
