/**
 * Where things lie in guest memory: the firmware's own areas, the map a guest is told (E820) and
 * the check that an image fits.
 */
package org.quern.firmware.memory;
