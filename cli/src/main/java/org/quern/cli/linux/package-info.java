/**
 * {@code quern linux}: a stock Debian kernel and busybox, from the distribution's own packages to a
 * kernel and an initramfs in the user's cache. Start at {@link org.quern.cli.linux.LinuxImages}.
 * Packages are fetched with {@code apt-get download} (no root needed) and unpacked here; the
 * initramfs is written here too. Files appear in the cache whole or not at all.
 */
package org.quern.cli.linux;
