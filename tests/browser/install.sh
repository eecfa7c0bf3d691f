#!/bin/sh
# The browser tests need the system's Chromium and its driver. Install them where we may, else say how.
if command -v chromedriver >/dev/null 2>&1 && { command -v chromium || command -v chromium-browser || command -v google-chrome; } >/dev/null 2>&1; then
	exit 0
fi
install="apt-get install -y --no-install-recommends chromium chromium-driver"
if command -v apt-get >/dev/null 2>&1; then
	if [ "$(id -u)" = 0 ]; then
		as_root=""
	elif sudo -n true >/dev/null 2>&1; then
		as_root="sudo -n"
	else
		echo "The browser tests need Chromium. Run: sudo $install" >&2
		exit 0 # the browser tests fail and say the same; the others run
	fi
	echo "Installing Chromium and its driver for the browser tests"
	export DEBIAN_FRONTEND=noninteractive
	$as_root apt-get update -qq && $as_root $install -qq >/dev/null ||
		echo "Could not install them. Run: sudo $install" >&2
else
	echo "The browser tests need Chromium and chromedriver: install them with this system's package manager." >&2
fi
exit 0
