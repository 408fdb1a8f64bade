#define SOFTMAX_THREADS 32

__global__ void softmax_kernel(const double *in, double *out, int cols) {
    __shared__ double shared[SOFTMAX_THREADS];
    const double *row = in + blockIdx.x * cols;
    double *result = out + blockIdx.x * cols;
    int t = threadIdx.x;

    double top = -DBL_MAX;
    for (int j = t; j < cols; j += blockDim.x) {
        top = fmax(top, row[j]);
    }
    shared[t] = top;
    __syncthreads();
    for (int half = SOFTMAX_THREADS / 2; half > 0; half >>= 1) {
        if (t < half) shared[t] = fmax(shared[t], shared[t + half]);
        __syncthreads();
    }
    top = shared[0];
    __syncthreads();

    double sum = 0.0;
    for (int j = t; j < cols; j += blockDim.x) {
        result[j] = exp(row[j] - top);
        sum += result[j];
    }
    shared[t] = sum;
    __syncthreads();
    for (int half = SOFTMAX_THREADS / 2; half > 0; half >>= 1) {
        if (t < half) shared[t] += shared[t + half];
        __syncthreads();
    }
    sum = shared[0];
    for (int j = t; j < cols; j += blockDim.x) {
        result[j] /= sum;
    }
}
