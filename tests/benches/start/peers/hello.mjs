// Answers every event with the same word.
export const handle = () => "hello";
