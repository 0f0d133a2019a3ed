package jukvm.cli.invoker;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.FilterWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.io.Writer;
import jukvm.text.HostText;

/**
 * Messages for the operator in UTF-8, in which names stand as they are: that of a file is right
 * whatever the locale. What is not UTF-8 of them is escaped.
 */
public final class MessageWriter extends FilterWriter {
    private MessageWriter(Writer out) {
        super(out);
    }

    /** Returns what prints messages to a stream, line by line. */
    public static PrintWriter to(OutputStream stream) {
        return new PrintWriter(new MessageWriter(new OutputStreamWriter(stream, UTF_8)), true);
    }

    @Override
    public void write(int c) throws IOException {
        write(Character.toString((char) c), 0, 1);
    }

    @Override
    public void write(char[] text, int offset, int length) throws IOException {
        write(new String(text, offset, length), 0, length);
    }

    @Override
    public void write(String text, int offset, int length) throws IOException {
        out.write(HostText.escaped(text.substring(offset, offset + length)));
    }
}
