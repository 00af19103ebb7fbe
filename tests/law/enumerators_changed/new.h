enum State { ON = 1, OFF = 2, LAST = -2147483647 - 1 };
struct sample {
    enum State s;
    enum State more[2];
};
