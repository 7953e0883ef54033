//! The line between the daemon and the stages of a sandbox: a pair of sockets, of which the stage's is its
//! standard input. Descriptors travel over it too. When the daemon's end closes, however that comes about, the
//! sandbox ends.

use std::{
    io::{self, IoSlice, IoSliceMut, Read, Write},
    mem::MaybeUninit,
    os::{
        fd::{BorrowedFd, OwnedFd},
        unix::net::UnixStream,
    },
    time::Duration,
};

use rustix::{
    fd::AsFd as _,
    io::Errno,
    net::{
        RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
        SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
    },
};
use serde::{Deserialize, Serialize};

/// The most descriptors of one message.
const MOST: usize = 4;
/// The most bytes that a sandbox is listened to.
const WORDS_LIMIT: u64 = 16 * 1024;

/// What a stage tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Word {
    /// A stage could not do its part.
    Failed {
        /// Which part.
        step: String,
        /// The system's number for what was wrong.
        errno: i32,
    },
    /// The program has ended with this status, in the system's own form.
    Ended(i32),
}

/// What the daemon asks for in the middle.
pub(super) const TERMINATE: u8 = b'T';

/// One end of the line.
#[derive(Debug)]
pub(super) struct Control(UnixStream);

impl Control {
    /// Both ends.
    pub(super) fn pair() -> io::Result<(Self, OwnedFd)> {
        let (ours, theirs) = UnixStream::pair()?;
        Ok((Self(ours), theirs.into()))
    }

    /// The end that is this process's standard input.
    pub(super) fn inherited() -> io::Result<Self> {
        let stdin = io::stdin().as_fd().try_clone_to_owned()?;
        Ok(Self(stdin.into()))
    }

    /// Gives `descriptors` to the other end.
    pub(super) fn give(&self, descriptors: &[BorrowedFd<'_>]) -> io::Result<()> {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST))];
        let mut ancillary = SendAncillaryBuffer::new(&mut space);
        if !descriptors.is_empty() {
            ancillary.push(SendAncillaryMessage::ScmRights(descriptors));
        }
        let bytes = [IoSlice::new(b"D")];
        sendmsg(&self.0, &bytes, &mut ancillary, SendFlags::NOSIGNAL)?;
        Ok(())
    }

    /// Waits for descriptors from the other end. Anything else that comes in their place is left for [`Self::words`].
    pub(super) fn take(&self) -> io::Result<Vec<OwnedFd>> {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST))];
        let mut ancillary = RecvAncillaryBuffer::new(&mut space);
        let mut byte = [0];
        let peeked = rustix::net::recv(&self.0, &mut byte[..], RecvFlags::PEEK)?.0;
        if peeked == 0 || byte != *b"D" {
            return Err(Errno::PROTO.into());
        }
        let mut into = [IoSliceMut::new(&mut byte)];
        recvmsg(&self.0, &mut into, &mut ancillary, RecvFlags::CMSG_CLOEXEC)?;
        let taken = ancillary.drain().filter_map(|message| match message {
            RecvAncillaryMessage::ScmRights(descriptors) => Some(descriptors),
            _ => None,
        });
        Ok(taken.flatten().collect())
    }

    /// Tells a word.
    pub(super) fn tell(&self, word: &Word) -> io::Result<()> {
        let mut line = serde_json::to_vec(word)?;
        line.push(b'\n');
        (&self.0).write_all(&line)
    }

    /// All words until the other end closes.
    pub(super) fn words(&self) -> Vec<Word> {
        let mut text = String::new();
        // What came before a failure to read still counts.
        let _read = (&self.0).take(WORDS_LIMIT).read_to_string(&mut text);
        text.lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect()
    }

    /// Waits for a wish of the daemon's; nothing when it is gone.
    pub(super) fn wish(&self) -> Option<u8> {
        let mut byte = [0];
        match (&self.0).read(&mut byte) {
            Ok(1..) => Some(byte[0]),
            _ => None,
        }
    }

    /// Tells the sandbox a wish.
    pub(super) fn ask(&self, wish: u8) -> io::Result<()> {
        (&self.0).write_all(&[wish])
    }

    /// Waits no longer than `time` for anything from the other end.
    pub(super) fn patience(&self, time: Duration) -> io::Result<()> {
        self.0.set_read_timeout(Some(time))
    }

    /// Ends the line for every process that has this end.
    pub(super) fn hang_up(&self) {
        // Closed already is as good.
        let _closed = self.0.shutdown(std::net::Shutdown::Write);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptors_and_words_travel() {
        let (ours, theirs) = Control::pair().unwrap();
        let theirs = Control(theirs.into());
        let (reader, mut writer) = io::pipe().unwrap();
        theirs.give(&[reader.as_fd()]).unwrap();
        let ended = Word::Ended(256);
        theirs.tell(&ended).unwrap();
        drop((theirs, reader));
        let taken = ours.take().unwrap();
        assert_eq!(taken.len(), 1);
        writer.write_all(b"x").unwrap();
        let mut byte = [0];
        rustix::io::read(&taken[0], &mut byte).unwrap();
        assert_eq!((byte, ours.words()), (*b"x", vec![ended]));
    }

    #[test]
    fn a_failure_in_place_of_descriptors_can_still_be_read() {
        let (ours, theirs) = Control::pair().unwrap();
        let theirs = Control(theirs.into());
        let failed = Word::Failed {
            step: "unshare".to_owned(),
            errno: 1,
        };
        theirs.tell(&failed).unwrap();
        drop(theirs);
        assert!(ours.take().is_err());
        assert_eq!(ours.words(), [failed]);
    }
}
