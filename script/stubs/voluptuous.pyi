# What `import voluptuous` gives inside Home Assistant 2026.10: it installs its successor
# under the old name. The schemas this project hands to Home Assistant are therefore these.
from probatio import *
