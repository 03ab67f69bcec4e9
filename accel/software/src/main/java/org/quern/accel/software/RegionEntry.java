package org.quern.accel.software;

import org.quern.translator.Form;
import org.quern.translator.Region;

/**
 * A place where translated code can be entered.
 *
 * @param index of the entry in the region
 * @param distance bytes from the start of the page the region begins in to that of the page with
 *     the entry
 * @param guard what the region takes for granted of the pages around; null if all its code is in
 *     the page with the entry
 */
record RegionEntry(Region region, int index, Form form, int distance, RegionGuard guard) {}
