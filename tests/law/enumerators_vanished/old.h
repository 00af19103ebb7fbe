enum State { OFF = 0, ON = 1, LOW = -1 };
struct sample {
    enum State s;
};
