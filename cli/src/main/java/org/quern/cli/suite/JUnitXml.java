package org.quern.cli.suite;

import java.io.StringWriter;
import java.util.List;
import java.util.Locale;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/**
 * Writes a report in the form that CI servers read as JUnit's. Source: the schema of Apache Ant's
 * junitreport task, as Maven Surefire and Jenkins use it.
 */
final class JUnitXml {
  private JUnitXml() {}

  static String text(Report report) {
    StringWriter out = new StringWriter();
    try {
      XMLStreamWriter xml = XMLOutputFactory.newInstance().createXMLStreamWriter(out);
      xml.writeStartDocument("UTF-8", "1.0");
      suite(xml, report);
      xml.writeEndDocument();
      xml.close();
    } catch (XMLStreamException e) {
      throw new IllegalStateException("a StringWriter does not fail", e);
    }
    return out + "\n";
  }

  private static void suite(XMLStreamWriter xml, Report report) throws XMLStreamException {
    List<CaseResult> results = report.results();
    xml.writeStartElement("testsuite");
    xml.writeAttribute("name", report.suite());
    xml.writeAttribute("tests", Integer.toString(results.size()));
    xml.writeAttribute("failures", Long.toString(report.count(Verdict.FAIL)));
    xml.writeAttribute("errors", "0");
    xml.writeAttribute("skipped", Long.toString(report.count(Verdict.SKIP)));
    xml.writeAttribute("time", seconds(results.stream().mapToDouble(CaseResult::seconds).sum()));
    xml.writeStartElement("properties");
    xml.writeEmptyElement("property");
    xml.writeAttribute("name", "host");
    xml.writeAttribute("value", legal(report.host()));
    xml.writeEndElement();
    for (CaseResult r : results) {
      testcase(xml, report, r);
    }
    xml.writeEndElement();
  }

  private static void testcase(XMLStreamWriter xml, Report report, CaseResult r)
      throws XMLStreamException {
    xml.writeStartElement("testcase");
    xml.writeAttribute("classname", legal(report.suite() + "." + r.group()));
    xml.writeAttribute("name", legal(r.name()));
    xml.writeAttribute("time", seconds(r.seconds()));
    switch (r.verdict()) {
      case PASS -> {}
      case FAIL -> verdict(xml, "failure", r);
      case SKIP -> verdict(xml, "skipped", r);
    }
    xml.writeStartElement("system-out");
    xml.writeCharacters(legal(r.command()));
    xml.writeEndElement();
    xml.writeEndElement();
  }

  private static void verdict(XMLStreamWriter xml, String element, CaseResult r)
      throws XMLStreamException {
    xml.writeEmptyElement(element);
    xml.writeAttribute("message", legal(r.detail()));
  }

  private static String seconds(double s) {
    return String.format(Locale.ROOT, "%.3f", s);
  }

  /** What guests print may hold characters that XML 1.0 (2.2) cannot even quote. */
  private static String legal(String text) {
    StringBuilder s = new StringBuilder(text.length());
    text.codePoints()
        .map(
            c ->
                c == '\t' || c == '\n' || c >= 0x20 && c < 0xd800 || c >= 0xe000 && c < 0xfffe
                    ? c
                    : c >= 0x10000 ? c : '?')
        .forEach(s::appendCodePoint);
    return s.toString();
  }
}
