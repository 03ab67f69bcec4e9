/** What can be seen of translation: {@code -d} items, Flight Recorder events, counts, names. */
package org.quern.tests.observe;
