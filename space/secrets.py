"""Detection of secrets that must not be published: by patterns of tokens, keys and passwords, and by file names."""

import re
from fnmatch import fnmatch

# By kind: lowercase substrings of which a text must have one, for a fast pre-check, and the regular expression.
TOKENS = {
    "a Hugging Face token": ("hf_|api_org_", r"(?:hf|api_org)_[A-Za-z0-9]{30,}"),
    "a GitHub token": (
        "gho_|ghp_|ghr_|ghs_|ghu_|github_pat_",
        r"gh[oprsu]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,}",
    ),
    "a GitLab token": ("glpat-|gldt-|glrt-|glptt-", r"gl(?:pat|dt|rt|ptt)-[\w-]{20,}"),
    "an AWS access key": ("akia|asia", r"(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Z0-9])"),
    "a Google key": (
        "aiza|ya29.|gocspx-",
        r"AIza[\w-]{35}|ya29\.[\w-]{20,}|GOCSPX-[\w-]{28}",
    ),
    "an API key": (
        "sk-|k_live_|r8_",
        r"sk-(?=[A-Za-z_-]*[0-9])[\w-]{20,}|[rs]k_live_[A-Za-z0-9]{16,}|r8_[A-Za-z0-9]{37}",
    ),
    "a Slack token": ("xox|xapp-", r"xox[a-z]-[\w-]{10,}|xapp-[0-9]-[\w-]{10,}"),
    "a Slack address": ("hooks.slack.com", r"hooks\.slack\.com/services/\w+/\w+/\w+"),
    "a PyPI token": ("pypi-", r"pypi-[\w-]{40,}"),
    "an npm token": ("npm_", r"npm_[A-Za-z0-9]{36}"),
    "a Docker token": ("dckr_pat_", r"dckr_pat_[\w-]{20,}"),
    "a SendGrid key": ("sg.", r"SG\.[\w-]{16,}\.[\w-]{32,}"),
    "a Telegram token": (":aa", r"[0-9]{8,10}:AA[\w-]{33}"),
    "a JSON web token": ("eyj", r"eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}"),
}
PHRASES = {
    "a private key": (
        "private key|putty-user-key-file",
        r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY|PuTTY-User-Key-File-\d",
    ),
    "a password in an address": (
        "://",
        r"://[^\s/:@\"'<>{}$]+:[^\s/:@\"'<>{}$]+@[A-Za-z0-9]",
    ),
    # String literals with letters and digits and without spaces: quoted names and prose seldom have digits.
    "a password or a key": (
        "passw|secret|token|key|auth",
        r"(?i:passw(?:or)?d|secret|token|api_?key|access_?key|auth)[A-Za-z_]*[\"']?\s*[:=]\s*"
        r"[\"'](?=[^\"'\s]*[0-9])(?=[^\"'\s]*[A-Za-z])[^\"'\s<>{}()]{12,}[\"']",
    ),
    "a password or a key in a setting": (
        "password|secret|token|key",
        r"^(?:export )?[A-Z][A-Z0-9_]*(?:PASSWORD|SECRET|TOKEN|KEY)[ \t]*=[ \t]*"
        r"(?=\S*[0-9])(?=\S*[A-Za-z])[A-Za-z0-9+/=_.-]{12,}\s*$",
    ),
}
PATTERNS = [
    (kind, substrings.encode().split(b"|"), re.compile(pattern.encode(), re.M))
    for kind, (substrings, pattern) in {
        **{
            kind: (substrings, rf"(?<![\w-])(?:{shape})")
            for kind, (substrings, shape) in TOKENS.items()
        },
        **PHRASES,
    }.items()
]
NAMES = (
    "*.env",
    ".env*",
    "*.pem",
    "*.key",
    "*.p12",
    "*.pfx",
    "*.ppk",
    "*.jks",
    "*.keystore",
    "*.kdbx",
    "id_rsa*",
    "id_dsa*",
    "id_ecdsa*",
    "id_ed25519*",
    "*netrc",
    ".pypirc",
    ".npmrc",
    ".htpasswd",
    "credentials",
    "credentials.json",
    "secrets.json",
    "secrets.toml",
    "secrets.y*ml",
)


def first_secret(name: str, content: bytes) -> str | None:
    """Kind of the first secret in a file with this name and content, or None."""
    if any(fnmatch(name.lower(), pattern) for pattern in NAMES):
        return "a name of files that hold secrets"
    texts = [content]
    if content.count(b"\0") > len(content) / 3:  # a text file in UTF-16
        texts.append(content.replace(b"\0", b""))
    for text in texts:
        lower = text.lower()
        for kind, substrings, pattern in PATTERNS:
            if any(part in lower for part in substrings) and pattern.search(text):
                return kind
    return None
